/**
 * Common Chinese characters in their simplified and traditional forms, so that a question in one finds texts in the
 * other.
 *
 * @module
 */

/** Pairs of a simplified character and its usual traditional form. */
const PAIRS = `\
爱愛罢罷备備贝貝笔筆币幣毕畢边邊变變标標别別宾賓饼餅补補财財参參残殘惨慘灿燦仓倉苍蒼层層产產长長尝嘗肠腸厂廠场場车車彻徹陈陳衬襯称稱诚誠惩懲迟遲齿齒冲衝虫蟲丑醜筹籌处處触觸储儲传傳创創纯純词詞辞辭从從\
聪聰丛叢凑湊错錯达達带帶贷貸担擔胆膽单單当當党黨导導岛島灯燈邓鄧敌敵递遞点點电電垫墊订訂东東动動冻凍独獨读讀断斷锻鍛对對队隊吨噸夺奪饿餓恶惡儿兒尔爾发發罚罰阀閥范範饭飯访訪纺紡飞飛废廢费費纷紛坟墳奋奮\
愤憤丰豐风風疯瘋锋鋒凤鳳妇婦复復负負该該盖蓋干幹赶趕刚剛钢鋼纲綱岗崗个個给給巩鞏贡貢购購构構够夠顾顧关關观觀馆館惯慣广廣归歸规規柜櫃贵貴国國过過号號汉漢韩韓红紅护護华華画畫话話坏壞欢歡环環还還换換黄黃\
会會汇匯绘繪伙夥获獲货貨机機积積鸡雞极極级級几幾记記纪紀计計际際济濟继繼夹夾价價驾駕艰艱监監坚堅间間检檢减減简簡见見键鍵将將奖獎讲講酱醬胶膠脚腳较較节節阶階结結洁潔紧緊仅僅进進经經惊驚净淨静靜镜鏡旧舊\
举舉剧劇据據卷捲决決觉覺军軍开開课課库庫裤褲块塊宽寬矿礦亏虧扩擴来來蓝藍篮籃览覽劳勞乐樂类類离離礼禮里裡历歷厉厲励勵丽麗联聯连連脸臉练練恋戀凉涼两兩辆輛谅諒疗療邻鄰临臨龄齡铃鈴领領刘劉龙龍楼樓录錄陆陸\
绿綠乱亂论論轮輪罗羅萝蘿妈媽马馬吗嗎买買卖賣迈邁满滿贸貿么麼门門们們梦夢绵綿面麵庙廟灭滅鸣鳴亩畝难難脑腦恼惱闹鬧内內鸟鳥宁寧农農浓濃诺諾欧歐盘盤赔賠喷噴苹蘋频頻评評凭憑齐齊骑騎启啟气氣弃棄签簽迁遷钱錢\
浅淺枪槍墙牆强強桥橋乔喬窃竊亲親轻輕庆慶穷窮区區权權劝勸确確让讓绕繞热熱认認荣榮软軟润潤赛賽伞傘扫掃杀殺晒曬伤傷赏賞烧燒绍紹舍捨设設谁誰声聲胜勝师師时時识識实實适適释釋势勢视視试試寿壽书書术術树樹数數\
双雙税稅顺順说說丝絲饲飼苏蘇诉訴肃肅虽雖随隨岁歲孙孫损損缩縮台臺态態谈談汤湯烫燙讨討题題体體条條铁鐵听聽厅廳头頭图圖团團脱脫万萬湾灣网網为為卫衛谓謂温溫闻聞问問无無务務误誤雾霧牺犧习習系係戏戲细細虾蝦\
吓嚇鲜鮮险險显顯现現献獻线線县縣乡鄉响響项項详詳协協写寫谢謝兴興凶兇绪緒续續选選学學训訓讯訊压壓亚亞严嚴盐鹽颜顏验驗厌厭阳陽养養样樣药藥爷爺业業叶葉页頁医醫遗遺忆憶义義艺藝议議译譯阴陰银銀饮飲应應营營\
赢贏优優忧憂邮郵犹猶游遊鱼魚语語与與预預员員园園远遠愿願约約阅閱跃躍云雲运運杂雜脏髒则則择擇责責泽澤赠贈闸閘债債张張账賬胀脹赵趙这這针針诊診阵陣镇鎮争爭郑鄭证證织織职職执執纸紙质質钟鐘种種众眾周週轴軸\
猪豬诸諸筑築驻駐专專转轉赚賺装裝壮壯状狀资資总總纵縱组組钻鑽乌烏屿嶼户戶铺鋪驰馳码碼输輸载載链鏈维維纳納腊臘馈饋赁賃厨廚厦廈后後猫貓钥鑰饺餃伦倫厕廁炉爐烟煙痒癢咙嚨肿腫猎獵绣繡绳繩缝縫纹紋龟龜滤濾泪淚\
浆漿隐隱陕陝鸭鴨鹅鵝鹰鷹麦麥迹跡赖賴宝寶宠寵审審宪憲寻尋尽盡届屆帅帥帐帳帮幫弯彎弹彈征徵怀懷怜憐惧懼扬揚抚撫抛拋抢搶报報拟擬拥擁拨撥挂掛挡擋挤擠挥揮捞撈揽攬搅攪摄攝摆擺摇搖撑撐晋晉晓曉暂暫杨楊枣棗档檔\
横橫毁毀沟溝泼潑洒灑浇澆渐漸渔漁灵靈灾災炼煉烂爛烛燭剑劍剂劑剥剝劲勁岭嶺峡峽厢廂叹嘆呕嘔哑啞唤喚啰囉喽嘍嘱囑围圍圣聖壳殼妆妝姜薑娱娛婴嬰孪孿属屬岂豈贤賢`;

const TRADITIONAL: ReadonlyMap<string, string> = new Map(
  PAIRS.match(/../gu)!.map(([simple, full]) => [simple!, full!]),
);
const SIMPLIFIED: ReadonlyMap<string, string> = new Map(
  [...TRADITIONAL].map(([simple, full]) => [full, simple]),
);

/** A word of Chinese characters in the other form; unchanged if it has none, or is neither. */
export function otherHan(word: string): string {
  const simple = swapped(word, SIMPLIFIED);
  return simple === word ? swapped(word, TRADITIONAL) : simple;
}

function swapped(word: string, by: ReadonlyMap<string, string>): string {
  return word.replace(/\p{Script=Han}/gu, (letter) => by.get(letter) ?? letter);
}
